package dev.ancestral.model;

/**
 * A definition that models rows of a table as {@link EventSpec.Row} lays them out: it knows which
 * elements stand for one value, and what a null is.
 *
 * <p>Law: the exponential of log p, summed over the values of the columns that are no real numbers
 * and integrated over those that are, in the data's own units, is 1.
 */
public interface ModelsRows {}
