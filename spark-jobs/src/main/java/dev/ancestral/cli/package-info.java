/** The commands: what a person types, checked and handed to the jobs. */
package dev.ancestral.cli;
