/**
 * Tables as Spark reads them: their rows with the types that they have there, the schema that a
 * survey gives them, and the elements that stand for them.
 */
package dev.ancestral.data.rows;
