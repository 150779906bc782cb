/** What is wrong with a cluster or a spec, and how to mend it. */
package dev.ancestral.cli.doctor;
