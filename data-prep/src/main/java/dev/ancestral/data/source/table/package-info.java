/** Tables of numbers in CSV and Parquet files. */
package dev.ancestral.data.source.table;
