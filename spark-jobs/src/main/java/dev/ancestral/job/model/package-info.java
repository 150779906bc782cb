/** A fitted model in a directory. */
package dev.ancestral.job.model;
