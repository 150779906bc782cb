/** One replica of a model on an executor: its batches, its rounds and its held-out scores. */
package dev.ancestral.job.train.replica;
