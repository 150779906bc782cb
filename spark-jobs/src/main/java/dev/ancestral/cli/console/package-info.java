/** The terminal and the log file of a command. */
package dev.ancestral.cli.console;
