/**
 * What others may watch of a training: gauges for Spark's metrics system, event files for
 * TensorBoard, and runs of an MLflow tracking server. None of it can end or change a training.
 */
package dev.ancestral.job.observe;
