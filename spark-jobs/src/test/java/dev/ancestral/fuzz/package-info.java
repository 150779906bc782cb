/** The parsers of foreign files under files that are almost right. */
package dev.ancestral.fuzz;
