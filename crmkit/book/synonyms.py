"""Headers and file names that companies commonly use, for crmkit's columns and tables, in English and
Russian.

Each column has groups of headers, the surest first. Headers of one group are equally sure: a file that holds
two of them is ambiguous. They are compared after :func:`crmkit.book.naming.plain`, so case, spaces and
punctuation do not matter.
"""

from __future__ import annotations

Groups = tuple[str, ...]

CLIENT: Groups = (
    "customer id, customer no, customer number, customer code, customer key, client id, client no, client "
    "number, client code, buyer id, user id, member id, account id, household id, household key, patient "
    "id, guest id, visitor id, master id, id клиента, код клиента, номер клиента, клиент id, ид клиента, id "
    "покупателя, код покупателя, id пациента, номер пациента, номер карты пациента, id гостя",
    "card id, card no, card number, loyalty card, номер карты, карта, номер карты клиента",
    "customer, client, cust, buyer, household, patient, member, клиент, покупатель, заказчик, контрагент, "
    "пациент, гость, абонент, kunde, kundennummer, client numéro, cliente, klient",
    "customer name, client name, buyer name, patient name, account, account name, company, company name, "
    "имя клиента, фио, фио клиента, наименование клиента, фио пациента, организация, компания, контакт, "
    "основной контакт, компания контакта",
    "user, card, id",
)

PRODUCT: Groups = (
    "stock code, product id, product code, product no, item id, item code, item no, sku, article, article "
    "no, service id, service code, upc, артикул, код товара, код услуги, id товара, id услуги, код "
    "номенклатуры",
    "product, item, service, товар, услуга, номенклатура, продукт, позиция, блюдо",
    "product name, item name, service name, description, product description, наименование, наименование "
    "товара, наименование услуги, название товара, название услуги, вид услуги",
)

STAFF: Groups = (
    "staff id, employee id, seller id, cashier id, doctor id, id сотрудника, табельный номер, код сотрудника",
    "staff, employee, seller, salesperson, sales rep, sales agent, cashier, doctor, master, stylist, "
    "waiter, agent, сотрудник, продавец, мастер, врач, кассир, исполнитель, официант, специалист, агент",
    "manager, менеджер",
)

PLACE: Groups = (
    "place, branch, branch name, филиал",
    "store, shop, store id, shop id, store name, магазин, склад, подразделение, торговая точка",
    "site, location, outlet, точка, клиника, салон, ресторан, адрес магазина, point of sale, pos",
)

UNIT_COST = (
    "unit cost, cost per unit, cost price, item cost, purchase price, buying price, себестоимость единицы, "
    "себестоимость за единицу, закупочная цена, цена закупки"
)
"""Headers of what one piece costs, also where a ledger has them beside quantities."""

COLUMNS: dict[str, dict[str, Groups]] = {
    "ledger": {
        "date": (
            "дата",
            "invoice date, order date, purchase date, transaction date, sale date, sales date, posting "
            "date, document date, receipt date, visit date, payment date, order purchase timestamp, "
            "transaction timestamp, дата продажи, дата заказа, дата покупки, дата чека, дата операции, дата "
            "документа, дата оплаты, дата визита, дата приема, дата реализации",
            "date time, timestamp, order time, day, дата и время, дата время, период, день",
            "created at, created, дата создания",
            "datum, fecha, verkaufsdatum, rechnungsdatum",
        ),
        "client_id": CLIENT,
        "amount": (
            "amount, line amount, line total, total amount, net amount, amount net, sales amount, sales "
            "value, order amount, order total, order value, transaction amount, purchase amount, gross "
            "amount, total price, total, sales, revenue, turnover, net sales, сумма, сумма продажи, сумма "
            "заказа, сумма чека, сумма покупки, сумма операции, сумма документа, сумма оплаты, выручка, "
            "оборот, продажи, стоимость, итоговая сумма, amount paid, paid amount, total paid, final amount, "
            "amount after discount, discounted amount, сумма со скидкой, сумма с учетом скидки, оплаченная "
            "сумма, сумма к оплате",
            "sum, value, spend, spending, dollars, euros, money, paid, payment, payment value, итого, "
            "всего, оплата, оплачено, к оплате, betrag, umsatz, montant, importe, kwota",
        ),
        "document_id": (
            "invoice no, invoice, invoice id, invoice number, order id, order no, order number, order, "
            "receipt id, receipt no, receipt number, receipt, transaction id, transaction no, basket id, "
            "bill no, document no, document number, ticket, номер чека, чек, номер заказа, заказ, номер "
            "документа, документ, накладная, номер накладной, id заказа, id чека, номер счета, счет, код "
            "заказа",
            "basket, bill, document, session id",
        ),
        "product_id": PRODUCT,
        "quantity": (
            "quantity, qty, units, pieces, pcs, units sold, order quantity, number of items, items, "
            "количество, кол во, кол, штук, шт, число единиц, menge, quantité, cantidad",
        ),
        "unit_price": (
            "unit price, price, item price, price per unit, price each, sale price, sales price, цена, цена "
            "за единицу, цена за шт, цена продажи, цена единицы, final price, price paid, discounted price, "
            "цена со скидкой, preis, stückpreis, prix, precio",
        ),
        "discount": ("discount, discount amount, скидка, сумма скидки",),
        "cost": (
            "cost, cost of goods, cogs, line cost, total cost, себестоимость, себестоимость продажи",
            UNIT_COST,
        ),
        "place": PLACE,
        "staff_id": STAFF,
    },
    "clients": {
        "client_id": CLIENT,
        "name": (
            "name, full name, client name, customer name, patient name, contact name, фио, имя, имя "
            "клиента, фио клиента, наименование, название, наименование клиента",
            "first name, last name, фамилия",
        ),
        "phone": (
            "phone, phone number, telephone, mobile, mobile phone, cell, телефон, номер телефона, мобильный",
            "мобильный телефон, контактный телефон",
        ),
        "email": ("email, email address, mail, почта, эл почта, электронная почта, емейл",),
        "birthday": ("birthday, birth date, date of birth, dob, день рождения, дата рождения, др",),
        "district": ("district, area, region, city, town, район, город, округ, регион",),
        "source_channel": (
            "source channel, source, acquisition channel, utm source, referral source, how found, источник, "
            "канал, канал привлечения, откуда узнал, откуда узнали",
        ),
        "joined": (
            "joined, joined on, registered, registered at, registration date, sign up date, "
            "client since, customer since, enrolment date, дата регистрации, клиент с, дата первого визита",
            "created at, created, дата создания",
        ),
        "profession": ("profession, occupation, job, job title, профессия, род занятий, должность",),
        "consent_call": ("consent call, calls allowed, call opt in, согласие на звонки, можно звонить",),
        "consent_sms": ("consent sms, sms opt in, согласие на смс, согласие на sms",),
        "consent_mail": (
            "consent mail, consent email, email opt in, согласие на рассылку, согласие на email, согласие "
            "на почту",
        ),
        "manager_id": (
            "manager id, manager, account manager, account owner, owner, менеджер, ответственный, куратор",
        ),
    },
    "facts": {
        "client_id": CLIENT,
        "kind": ("kind, fact, fact kind, attribute, field, вид, вид факта, что, поле",),
        "value": ("value, fact value, значение",),
        "purpose": ("purpose, цель, назначение",),
        "date": ("date, fact date, дата",),
        "confidence": ("confidence, certainty, уверенность, достоверность",),
        "recorded_on": ("recorded on, recorded at, noted on, дата записи, записано",),
        "recorded_by": ("recorded by, noted by, author, кто записал, автор",),
    },
    "contacts": {
        "contact_id": (
            "contact id, appointment id, visit id, call id, activity id, id контакта, номер записи, id "
            "записи, id звонка, id визита",
        ),
        "client_id": CLIENT,
        "kind": (
            "kind, contact kind, contact type, activity type, type, вид, тип, вид контакта, тип контакта",
        ),
        "created_at": ("created at, created, scheduled day, booked at, booked on, дата создания, создано",),
        "planned_at": (
            "planned at, planned, appointment date, appointment day, appointment time, scheduled at, "
            "scheduled for, visit date, дата визита, дата приема, дата контакта, назначено на, запись на",
            "date, дата",
        ),
        "status": (
            "status, outcome, result, статус, итог, результат",
            "no show, no shows, missed, неявка, не пришел, не явился",
        ),
        "channel": ("channel, contact channel, канал",),
        "campaign_id": ("campaign id, campaign, кампания, id кампании, акция",),
        "offer": ("offer, offer name, предложение",),
        "arm": ("arm, group, test group, группа",),
        "staff_id": STAFF,
        "minutes": ("minutes, duration, duration minutes, minutes spent, минуты, минут, длительность",),
        "cost": ("cost, contact cost, стоимость, затраты",),
    },
    "products": {
        "product_id": PRODUCT,
        "name": (
            "name, product name, item name, service name, title, наименование, название, описание",
            "description",
        ),
        "category": (
            "category, product category, product group, категория, группа, группа товаров, категория "
            "товара, вид услуги",
            "department, type, series, отдел",
        ),
        "price": ("price, list price, sales price, unit price, retail price, цена, прайс, цена по прайсу",),
        "unit_cost": (
            "unit cost, cost, cost price, purchase price, себестоимость, закупочная цена, цена закупки",
        ),
        "recall_days": ("recall days, repeat after days, повтор через дней, напомнить через дней",),
        "skill": ("skill, required skill, специальность, навык",),
        "work_hours": ("work hours, labour hours, labor hours, трудоемкость, часы работы, норма часов",),
        "lead_weeks": ("lead weeks, lead time weeks, delivery weeks, срок поставки недель",),
    },
    "staff": {
        "resource_id": (
            "resource id, resource, staff id, employee id, id сотрудника, табельный номер, код сотрудника",
            "employee, staff, name, сотрудник, врач, мастер, фио",
        ),
        "kind": ("kind, resource kind, resource type, вид, вид ресурса",),
        "department": ("department, team, отдел, отделение, подразделение",),
        "skills": ("skills, skill, speciality, specialty, навыки, специальность, специализация",),
        "hours_week": ("hours week, hours per week, weekly hours, часов в неделю, часы в неделю",),
        "wage": ("wage, hourly wage, hourly rate, rate per hour, ставка, ставка в час, почасовая ставка",),
        "overtime_rate": ("overtime rate, overtime multiple, коэффициент сверхурочных",),
        "hire_cost": ("hire cost, hiring cost, стоимость найма",),
        "lead_weeks": ("lead weeks, hiring lead weeks, срок найма недель",),
        "attrition": ("attrition, attrition rate, turnover rate, текучесть",),
        "start": ("start, start date, hired on, дата приема, дата начала",),
        "end": ("end, end date, left on, дата увольнения, дата окончания",),
        "place": PLACE,
    },
    "spend": {
        "period": ("period, month, week, период, месяц, неделя", "date, дата"),
        "channel": ("channel, media, источник, канал, площадка",),
        "amount": ("amount, spend, cost, budget, ad spend, сумма, расход, расходы, затраты, бюджет",),
        "campaign_id": ("campaign id, campaign, кампания",),
        "impressions": ("impressions, views, показы",),
        "place": PLACE,
    },
    "calendar": {
        "date": ("date, day, дата, день",),
        "kind": ("kind, event, event kind, day kind, вид, событие, тип дня",),
        "resource_id": ("resource id, resource, employee id, сотрудник",),
        "value": ("value, name, title, название, значение",),
        "weight": ("weight, вес",),
    },
    "deals": {
        "deal_id": (
            "deal id, deal, opportunity id, opportunity, lead id, id сделки, сделка, номер сделки",
            "deal name, opportunity name, название сделки",
        ),
        "client_id": CLIENT,
        "owner": (
            "owner, deal owner, sales agent, sales rep, salesperson, ответственный, владелец, менеджер",
            "manager, agent",
        ),
        "stage": (
            "stage, deal stage, pipeline stage, стадия, этап, этап сделки, стадия сделки, этап воронки",
        ),
        "amount": (
            "amount, deal amount, deal value, close value, value, сумма, сумма сделки, бюджет, бюджет сделки",
        ),
        "created_at": (
            "created at, created, opened, open date, engage date, дата создания, создана, дата создания "
            "сделки",
        ),
        "expected_close": (
            "expected close, expected close date, forecast close date, ожидаемая дата закрытия",
        ),
        "closed_at": (
            "closed at, close date, closed on, closed, дата закрытия, закрыта, дата закрытия сделки",
        ),
        "status": ("status, deal status, статус, состояние, результат",),
        "category": ("category, forecast category, категория прогноза, категория",),
    },
    "targets": {
        "period": ("period, month, week, quarter, период, месяц, квартал", "date, дата"),
        "owner": ("owner, sales agent, salesperson, manager, ответственный, менеджер, сотрудник",),
        "amount": ("amount, target, plan, quota, сумма, план, цель, квота",),
        "measure": ("measure, metric, kpi, показатель, мера",),
    },
}

TABLES: dict[str, str] = {
    "ledger": (
        "ledger, order, orders, order lines, order items, sale, sales, transaction, transactions, invoice, "
        "invoices, receipt, receipts, purchase, purchases, payments, retail, elog, checks, продажи, продажа, "
        "чеки, заказы, операции, покупки, реализация, выручка, журнал, платежи, транзакции"
    ),
    "clients": (
        "client, clients, customer, customers, account, accounts, patients, members, buyers, demographics, "
        "households, клиенты, клиент, покупатели, пациенты, контрагенты, гости, заказчики"
    ),
    "facts": "facts, client facts, client card, факты, карточки, досье",
    "contacts": (
        "contacts, appointments, visits, calls, activities, touches, schedule, контакты, визиты, звонки, "
        "записи, приемы, расписание"
    ),
    "products": (
        "product, products, items, services, catalog, catalogue, price list, pricelist, товары, услуги, "
        "номенклатура, прайс, каталог"
    ),
    "staff": "staff, employees, resources, team, teams, персонал, сотрудники, ресурсы, врачи, мастера",
    "spend": "spend, marketing, advertising, ads, ad spend, media, реклама, маркетинг, расходы на рекламу",
    "calendar": "calendar, holidays, календарь, праздники, выходные",
    "deals": "deals, opportunities, pipeline, leads, opps, сделки, воронка, лиды",
    "targets": "targets, plan, plans, quotas, budget, цели, план, планы, квоты",
}
