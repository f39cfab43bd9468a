"""What every model of this package has: named parameters, their errors, and draws of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crmkit.value.distinct import Distinct
from crmkit.value.maximum import Floats, Maximum, Objective, climb, highest

FEW = 20_000
"""The starts are tried on the histories of so many clients; all of them decide from the best top on."""


class Model:
    """A model with positive parameters, fitted by maximum likelihood in their logarithms.

    Attributes
    ----------
    params_
        The parameters by name.
    log_likelihood_
        Of all clients, in the user's own time unit.
    standard_errors_
        Of the parameters, by name: of the logarithm, times the parameter.
    covariance_
        Of the logarithms of the parameters, shape (parameters, parameters); NaN where the data leave a
        direction open.
    converged_
        Whether no step raises the likelihood any more, and the data tell every parameter: where all clients
        are alike, or nobody leaves, some parameters may be of any size, and this is False.
    n_distinct_
        How many distinct rows the clients' data have.
    """

    names: ClassVar[tuple[str, ...]] = ()

    params_: dict[str, float]
    log_likelihood_: float
    standard_errors_: dict[str, float]
    covariance_: Floats
    converged_: bool
    n_distinct_: int

    @classmethod
    def from_parameters(cls, **parameters: float) -> Self:
        """A model whose parameters are known, not fitted.

        Raises
        ------
        ValueError
            If a parameter is missing, unknown or not positive.
        """
        if set(parameters) != set(cls.names) or not all(0 < value < np.inf for value in parameters.values()):
            raise ValueError(f"{cls.__name__}: expected positive numbers for {', '.join(cls.names)}.")
        model = cls()
        model.params_ = {name: float(parameters[name]) for name in cls.names}
        return model

    def draw_parameters(self, n: int, *, seed: int) -> Floats:
        """Parameters that the data would also allow: normal draws of their logarithms.

        Parameters
        ----------
        n
            How many sets.
        seed
            Of the random numbers.

        Returns
        -------
        numpy.ndarray
            Shape (n, parameters), in the order of ``params_``; what the methods take as `parameters`.

        Raises
        ------
        ValueError
            If the model was not fitted, or did not converge: then nothing says how far draws may go.
        """
        if not getattr(self, "converged_", False):
            raise ValueError(f"{type(self).__name__}: the uncertainty of the parameters is not known.")
        # From the eigenvectors, whose signs are fixed, so that the draws do not depend on the machine.
        values, vectors = np.linalg.eigh(self.covariance_)
        vectors *= np.where(vectors[np.abs(vectors).argmax(axis=0), np.arange(len(values))] < 0, -1, 1)
        noise = np.random.default_rng(seed).standard_normal((n, len(self.names)))
        return np.exp(np.log(self._fitted()) + (noise * np.sqrt(np.maximum(values, 0))) @ vectors.T)

    def _fitted(self) -> Floats:
        if not hasattr(self, "params_"):
            raise AttributeError(f"{type(self).__name__} is not fitted: call fit(frame) first.")
        return np.array([self.params_[name] for name in self.names])

    def _columns(self, parameters: ArrayLike | None) -> list[Floats]:
        """One array per parameter that broadcasts with clients: shape (1,) or (draws, 1)."""
        array = self._fitted() if parameters is None else np.asarray(parameters, float)
        if array.ndim not in (1, 2) or array.shape[-1] != len(self.names):
            raise ValueError(
                f"{type(self).__name__}: parameters must have the shape ({len(self.names)},) or "
                f"(draws, {len(self.names)}), not {array.shape}."
            )
        return [each[..., None] for each in np.moveaxis(array, -1, 0)]

    def _highest(
        self,
        objective: Callable[[Distinct], Objective],
        found: Distinct,
        starts: list[list[float]],
    ) -> Maximum:
        """Find the parameters; `objective` makes a log-likelihood with its derivatives from rows."""
        logs = [np.log(start) for start in starts]
        clients = float(found.counts.sum())
        if len(found) <= FEW // 4 or clients <= FEW:
            return highest(objective(found), logs)
        first = highest(objective(found.thinned(FEW)), logs)
        return climb(objective(found), first.place, first.curvature * (clients / FEW))

    def _keep(self, top: Maximum, rows: int) -> Self:
        values = np.exp(top.place)
        self.covariance_ = top.covariance
        # Rounding may leave a variance of nothing slightly below zero.
        errors = values * np.sqrt(np.maximum(np.diag(self.covariance_), 0))
        self.params_ = dict(zip(self.names, values.tolist()))
        self.standard_errors_ = dict(zip(self.names, errors.tolist()))
        self.log_likelihood_ = top.value
        self.converged_ = top.converged
        self.n_distinct_ = rows
        return self


def at_each(values: ArrayLike) -> tuple[NDArray[np.float64], bool]:
    """A number or several as an array of shape (several,), and whether it was a single number."""
    array = np.asarray(values, float)
    return np.atleast_1d(array), array.ndim == 0
