/** Input formats: one class each, which holds its options and reads its files on the executors. */
package dev.ancestral.data.source;
