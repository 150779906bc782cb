/** What is known of trees without any data. */
package dev.ancestral.oracle.tree;
