/** Tables as sources of datasets: what their columns become, and their rows in a fixed order. */
package dev.ancestral.data.rows.survey;
