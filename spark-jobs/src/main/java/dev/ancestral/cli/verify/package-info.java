/** What must hold of every model whatever the data, checked in a minute. */
package dev.ancestral.cli.verify;
