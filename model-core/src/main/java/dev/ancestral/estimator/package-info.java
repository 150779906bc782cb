/**
 * How a model is evaluated. Each method is a class that {@link java.util.ServiceLoader} finds by
 * {@code META-INF/services/dev.ancestral.estimator.EvaluationMethod}, in this program or in a jar
 * of a user: its name, the models that it suits, its settings, its scores and its laws.
 */
package dev.ancestral.estimator;
