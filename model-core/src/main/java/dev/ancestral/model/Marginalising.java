package dev.ancestral.model;

/**
 * A definition whose distribution marginalises missing elements exactly: where elements of a batch
 * are NaN, log p is that of the elements observed, and the statistics are those of the posterior
 * given them.
 *
 * <p>Law: p(x_observed) = Σ p(x_observed, x_missing) over all values of what is missing (Little
 * &amp; Rubin 2002, section 6.2: maximum likelihood that ignores the mechanism, which is right
 * where whether an element is missing does not depend on its value given those observed).
 */
public interface Marginalising {}
