/** Preparation of a dataset as a job that fills a directory. */
package dev.ancestral.job.prepare;
