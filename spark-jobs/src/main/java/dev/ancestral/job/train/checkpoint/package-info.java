/** The files of a run: committed states, inputs, metrics, the finished model. */
package dev.ancestral.job.train.checkpoint;
