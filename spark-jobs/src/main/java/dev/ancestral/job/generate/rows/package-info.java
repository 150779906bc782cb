/** Samples as rows of a table: their columns, values that are given, proportions of classes. */
package dev.ancestral.job.generate.rows;
