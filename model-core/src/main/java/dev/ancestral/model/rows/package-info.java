/** What models of rows of a table can do beside scoring and drawing them. */
package dev.ancestral.model.rows;
