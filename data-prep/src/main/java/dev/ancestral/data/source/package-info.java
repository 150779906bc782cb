/**
 * Where examples come from.
 *
 * <p>A {@link dev.ancestral.data.source.SourceProvider} makes a format known by a name, and reads
 * its options into a {@link dev.ancestral.data.source.Source}. A format whose files hold many
 * examples implements {@link dev.ancestral.data.source.StreamedFormat}; one with an example a file,
 * {@link dev.ancestral.data.source.FileFormat}; any other, {@code Source} itself. The packages
 * below hold the built-in formats, one class each.
 */
package dev.ancestral.data.source;
