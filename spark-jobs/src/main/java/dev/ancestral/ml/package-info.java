/**
 * The families as stages of spark.ml: an {@link org.apache.spark.ml.Estimator} each, whose models
 * score, draw and fill rows in the session of the caller.
 */
package dev.ancestral.ml;
