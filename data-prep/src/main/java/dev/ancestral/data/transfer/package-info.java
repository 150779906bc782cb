/**
 * What passes between processes, whatever {@code spark.serializer} is: only bytes, numbers and
 * strings, which every serializer carries, and shuffles that name their own.
 *
 * <p>Kryo cannot read records, and with {@code spark.kryo.registrationRequired} it refuses every
 * class that it was not told of.
 */
package dev.ancestral.data.transfer;
