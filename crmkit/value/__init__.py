"""What is a client worth, who is leaving, and what is cheaper: to find new clients or to keep those we have?"""
