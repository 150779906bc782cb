/**
 * What a row of a table is: named columns with the values they take, and how those become the
 * float32 elements that models compute with.
 */
package dev.ancestral.schema;
