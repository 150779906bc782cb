/** Drawing samples as a Spark job. */
package dev.ancestral.job.generate;
