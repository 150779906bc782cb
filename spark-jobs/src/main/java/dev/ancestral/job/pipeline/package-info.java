/** From data to samples in one go. */
package dev.ancestral.job.pipeline;
