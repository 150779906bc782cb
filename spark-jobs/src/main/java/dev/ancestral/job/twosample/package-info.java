/** Whether samples of a model are like held-out data, as a Spark job. */
package dev.ancestral.job.twosample;
