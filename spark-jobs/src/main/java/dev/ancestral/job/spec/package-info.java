/** The YAML spec of a run: reading, locating and checking it. */
package dev.ancestral.job.spec;
