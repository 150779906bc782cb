/** Fitting, scoring and sampling models as Spark jobs: the entry point and what the jobs share. */
package dev.ancestral.job;
