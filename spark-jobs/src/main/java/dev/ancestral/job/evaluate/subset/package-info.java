/** Which examples of a split are scored. */
package dev.ancestral.job.evaluate.subset;
