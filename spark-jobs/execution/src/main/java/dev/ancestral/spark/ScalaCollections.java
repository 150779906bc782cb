package dev.ancestral.spark;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import scala.collection.JavaConverters;
import scala.collection.immutable.Seq;

/**
 * Java's collections as Scala's and back, in calls that compile against Scala 2.12 and 2.13 alike.
 *
 * <p>Scala's own name for a sequence is {@code collection.Seq} in 2.12 and its subtype {@code
 * immutable.Seq} in 2.13; what is given out here is the subtype, which both take.
 */
@SuppressWarnings("deprecation") // 2.13 has another class for it, which 2.12 lacks.
public final class ScalaCollections {
  private ScalaCollections() {}

  /** A copy that can be serialized, which a wrapped part of a list cannot always be. */
  public static <T> Seq<T> seq(List<T> list) {
    return JavaConverters.asScalaBuffer(new ArrayList<>(list)).toList();
  }

  /** A view of a sequence. */
  public static <T> List<T> list(scala.collection.Seq<T> seq) {
    return JavaConverters.seqAsJavaList(seq);
  }

  /** The same elements. */
  public static <T> scala.collection.Iterator<T> iterator(Iterator<T> elements) {
    return JavaConverters.asScalaIterator(elements);
  }
}
