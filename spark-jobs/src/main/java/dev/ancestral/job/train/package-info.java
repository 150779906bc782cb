/** Training on Spark: rounds, replicas, strategies, transports, checkpoints. */
package dev.ancestral.job.train;
