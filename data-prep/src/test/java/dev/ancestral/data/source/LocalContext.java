package dev.ancestral.data.source;

import dev.ancestral.data.Storage;
import dev.ancestral.data.transfer.JavaBytes;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/**
 * Passes of a source in this thread. What a task would get or give travels as bytes, as on a
 * cluster.
 *
 * @param inputs in their order
 * @param count of partitions
 * @param partBytes about how many bytes a part has, whatever the source asks for
 */
record LocalContext(
    Storage storage, List<InputFile> inputs, String split, int count, long partBytes)
    implements SourceContext {

  @Override
  public Partitions<InputFile> files() {
    return dealt(inputs);
  }

  @Override
  public Partitions<Part> parts(long bytes, Cut cut) {
    Cut sent = JavaBytes.value(JavaBytes.of(cut), Cut.class);
    return dealt(
        inputs.stream()
            .flatMap(file -> sent.parts(storage, file, partBytes).stream())
            .sorted()
            .toList());
  }

  @Override
  public Partitions<Long> positions(long positions) {
    return dealt(LongStream.range(0, positions).boxed().toList());
  }

  private <T> Partitions<T> dealt(List<T> items) {
    List<Supplier<Iterator<T>>> partitions = new ArrayList<>();
    for (int p = 0; p < count; p++) {
      List<T> some = items.subList(items.size() * p / count, items.size() * (p + 1) / count);
      partitions.add(some::iterator);
    }
    return new Local<>(partitions);
  }

  private record Local<T>(List<Supplier<Iterator<T>>> partitions) implements Partitions<T> {

    @Override
    @SuppressWarnings("unchecked") // The pass is a copy of one of this type.
    public <R extends Serializable> List<R> collect(Pass<T, R> pass) {
      Pass<T, R> sent = copy(pass);
      List<R> results = new ArrayList<>();
      for (int p = 0; p < partitions.size(); p++) {
        R result = sent.over(p, partitions.get(p).get());
        results.add((R) JavaBytes.value(JavaBytes.of(result), Object.class));
      }
      return results;
    }

    @Override
    public <U> Partitions<U> map(Pass<T, Iterator<U>> pass) {
      Pass<T, Iterator<U>> sent = copy(pass);
      List<Supplier<Iterator<U>>> mapped = new ArrayList<>();
      for (int i = 0; i < partitions.size(); i++) {
        int p = i;
        mapped.add(() -> sent.over(p, partitions.get(p).get()));
      }
      return new Local<>(mapped);
    }

    @SuppressWarnings("unchecked") // Bytes of a pass of this type.
    private static <T, R> Partitions.Pass<T, R> copy(Partitions.Pass<T, R> pass) {
      return JavaBytes.value(JavaBytes.of(pass), Partitions.Pass.class);
    }

    @Override
    public Iterator<T> iterator() {
      List<T> all = new ArrayList<>();
      partitions.forEach(partition -> partition.get().forEachRemaining(all::add));
      return all.iterator();
    }
  }
}
