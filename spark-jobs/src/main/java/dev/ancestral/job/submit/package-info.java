/** Handing a step of a pipeline to spark-submit, as an application of its own. */
package dev.ancestral.job.submit;
