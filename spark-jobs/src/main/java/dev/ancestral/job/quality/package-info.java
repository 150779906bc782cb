/** How good drawn rows of a table are, against rows that were held out, as Spark jobs. */
package dev.ancestral.job.quality;
