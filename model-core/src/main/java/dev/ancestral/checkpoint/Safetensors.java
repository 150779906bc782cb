package dev.ancestral.checkpoint;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.checkpoint.SafetensorsHeader.ElementType;
import dev.ancestral.checkpoint.SafetensorsHeader.TensorEntry;
import dev.ancestral.tensor.NamedArrays;
import dev.ancestral.tensor.ParameterLayout;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Parameters in the safetensors format, which Python's {@code safetensors} reads and writes.
 *
 * <p>Both directions stream through a fixed buffer, so a model may be larger than memory or than
 * any Java array. What is read is not trusted: lengths, shapes, types and offsets are checked
 * before they are used, and memory grows only with bytes that are really there.
 */
public final class Safetensors {
  private static final int CHUNK = 1 << 16;
  private static final int MOST_ELEMENTS = Integer.MAX_VALUE - 8;

  private Safetensors() {}

  /** Where float32 values come from; {@code FlatVector::read} is one. */
  @FunctionalInterface
  public interface FloatSource {
    /** Fills the buffer with the elements from {@code offset} on. */
    void read(long offset, FloatBuffer into) throws IOException;
  }

  /** Where float32 values go; {@code FlatVector::write} is one. */
  @FunctionalInterface
  public interface FloatSink {
    /** Takes the elements of the buffer as those from {@code offset} on. */
    void write(long offset, FloatBuffer from) throws IOException;
  }

  /**
   * Writes a flat float32 vector, one tensor a parameter, in the order of the layout.
   *
   * @param metadata texts for {@code __metadata__}
   */
  public static void write(
      OutputStream out, ParameterLayout layout, FloatSource values, Map<String, String> metadata)
      throws IOException {
    List<TensorEntry> tensors =
        layout.parameters().stream()
            .map(
                p ->
                    new TensorEntry(
                        p.name(), ElementType.F32, p.shape(), p.offset() * ElementType.F32.bytes))
            .toList();
    new SafetensorsHeader(tensors, metadata).write(out);
    float[] floats = new float[CHUNK];
    byte[] bytes = new byte[CHUNK * ElementType.F32.bytes];
    for (long from = 0; from < layout.size(); from += CHUNK) {
      int n = (int) Math.min(CHUNK, layout.size() - from);
      values.read(from, FloatBuffer.wrap(floats, 0, n));
      littleEndian(bytes).asFloatBuffer().put(floats, 0, n);
      out.write(bytes, 0, n * ElementType.F32.bytes);
    }
  }

  /**
   * Reads a flat float32 vector whose tensors have exactly the names and shapes of the layout, in
   * whatever order the file holds them. Elements of 16 bits (BF16, F16) are widened, which loses
   * nothing; of 64 bits they are refused, because rounding would change the model.
   *
   * @param where the file, for messages
   * @throws AncestralException (DATA) if the file is damaged; (MISMATCH) if it holds another
   *     model's tensors
   */
  public static void read(InputStream in, ParameterLayout layout, FloatSink into, String where)
      throws IOException {
    SafetensorsHeader header = SafetensorsHeader.read(in, where);
    Map<String, ParameterLayout.Parameter> parameters = requireSame(header, layout, where);
    float[] floats = new float[CHUNK];
    byte[] bytes = new byte[CHUNK * ElementType.F32.bytes];
    for (TensorEntry tensor : header.tensors()) {
      ElementType type = tensor.type();
      long offset = parameters.get(tensor.name()).offset();
      for (long from = 0; from < tensor.elements(); from += CHUNK) {
        int n = (int) Math.min(CHUNK, tensor.elements() - from);
        fill(in, bytes, n * type.bytes, tensor, from, where);
        type.widen(littleEndian(bytes), floats, n);
        into.write(offset + from, FloatBuffer.wrap(floats, 0, n));
      }
    }
    requireEnd(in, where);
  }

  /**
   * Checks the front of a file against a network before memory is given to its parameters: a
   * description of a hundred bytes can ask for any number of them.
   *
   * @param in the file from its beginning
   * @param fileBytes length of the file
   * @param where the file, for messages
   * @throws AncestralException (DATA) if the file is damaged or has another length than its header
   *     says; (MISMATCH) if it holds another model's tensors
   */
  public static void requireLayout(
      InputStream in, long fileBytes, ParameterLayout layout, String where) throws IOException {
    requireSame(SafetensorsHeader.read(in, OptionalLong.of(fileBytes), where), layout, where);
  }

  /**
   * Checks the front of a file alone.
   *
   * @param in the file from its beginning
   * @param fileBytes length of the file
   * @param where the file, for messages
   * @throws AncestralException (DATA) if the file is damaged or has another length than its header
   *     says
   */
  public static void requireWhole(InputStream in, long fileBytes, String where) throws IOException {
    SafetensorsHeader.read(in, OptionalLong.of(fileBytes), where);
  }

  /** Writes float64 arrays in their order. */
  public static void write(OutputStream out, NamedArrays arrays, Map<String, String> metadata)
      throws IOException {
    List<TensorEntry> tensors = new ArrayList<>();
    long begin = 0;
    for (Map.Entry<String, NamedArrays.Array> entry : arrays.byName().entrySet()) {
      List<Long> shape = entry.getValue().shape().stream().map(Integer::longValue).toList();
      TensorEntry tensor = new TensorEntry(entry.getKey(), ElementType.F64, shape, begin);
      tensors.add(tensor);
      begin = tensor.end();
    }
    new SafetensorsHeader(tensors, metadata).write(out);
    byte[] bytes = new byte[CHUNK * ElementType.F64.bytes];
    for (NamedArrays.Array array : arrays.byName().values()) {
      double[] values = array.values();
      for (int from = 0; from < values.length; from += CHUNK) {
        int n = Math.min(CHUNK, values.length - from);
        littleEndian(bytes).asDoubleBuffer().put(values, from, n);
        out.write(bytes, 0, n * ElementType.F64.bytes);
      }
    }
  }

  /**
   * Reads arrays in the order of their bytes; elements of fewer bits than float64 are widened,
   * which loses nothing.
   *
   * @param where the file, for messages
   * @throws AncestralException (DATA) if the file is damaged; (MISMATCH) if an array is larger than
   *     Java holds
   */
  public static NamedArrays readArrays(InputStream in, String where) throws IOException {
    SafetensorsHeader header = SafetensorsHeader.read(in, where);
    NamedArrays arrays = NamedArrays.empty();
    for (TensorEntry tensor : header.tensors()) {
      arrays = arrays.with(tensor.name(), doubles(in, tensor, where), axes(tensor, where));
    }
    requireEnd(in, where);
    return arrays;
  }

  /** The sizes of the axes, of which no product from the left exceeds what an array can hold. */
  private static Integer[] axes(TensorEntry tensor, String where) {
    long product = 1;
    List<Integer> axes = new ArrayList<>();
    for (long size : tensor.shape()) {
      // A later axis of size 0 does not make an earlier one small.
      if (size > MOST_ELEMENTS || Math.max(1, product) * size > MOST_ELEMENTS) {
        throw new AncestralException(
            ErrorCode.MISMATCH,
            where
                + ": tensor '"
                + tensor.name()
                + "' of shape "
                + tensor.shape()
                + " has more elements than an array can hold, "
                + MOST_ELEMENTS
                + "; a model of arrays must be smaller");
      }
      product *= size;
      axes.add((int) size);
    }
    return axes.toArray(Integer[]::new);
  }

  private static double[] doubles(InputStream in, TensorEntry tensor, String where)
      throws IOException {
    int size = (int) tensor.elements();
    // Grows with what is there: a damaged shape must not become an allocation.
    double[] values = new double[Math.min(size, CHUNK)];
    byte[] bytes = new byte[CHUNK * tensor.type().bytes];
    float[] floats = new float[tensor.type() == ElementType.F64 ? 0 : CHUNK];
    for (int from = 0; from < size; from += Math.min(CHUNK, size - from)) {
      int n = Math.min(CHUNK, size - from);
      fill(in, bytes, n * tensor.type().bytes, tensor, from, where);
      if (from + n > values.length) {
        values = Arrays.copyOf(values, (int) Math.min(size, 2L * values.length));
      }
      if (tensor.type() == ElementType.F64) {
        littleEndian(bytes).asDoubleBuffer().get(values, from, n);
      } else {
        tensor.type().widen(littleEndian(bytes), floats, n);
        for (int i = 0; i < n; i++) {
          values[from + i] = floats[i];
        }
      }
    }
    return values;
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void fill(
      InputStream in, byte[] into, int bytes, TensorEntry tensor, long from, String where)
      throws IOException {
    int read = in.readNBytes(into, 0, bytes);
    if (read < bytes) {
      throw SafetensorsHeader.ended(tensor, from * tensor.type().bytes + read, where);
    }
  }

  private static void requireEnd(InputStream in, String where) throws IOException {
    if (in.read() >= 0) {
      throw SafetensorsHeader.damaged(where, "it goes on after its last tensor");
    }
  }

  /** The parameters by name, once the file has the same tensors. */
  private static Map<String, ParameterLayout.Parameter> requireSame(
      SafetensorsHeader header, ParameterLayout layout, String where) {
    Map<String, ParameterLayout.Parameter> needed = new LinkedHashMap<>();
    layout.parameters().forEach(parameter -> needed.put(parameter.name(), parameter));
    Set<String> missing = new LinkedHashSet<>(needed.keySet());
    Set<String> unknown = new LinkedHashSet<>();
    for (TensorEntry tensor : header.tensors()) {
      if (!missing.remove(tensor.name())) {
        unknown.add(tensor.name());
      }
    }
    if (!missing.isEmpty() || !unknown.isEmpty()) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          where
              + ": the tensors are not this model's: it lacks "
              + missing
              + " and has besides "
              + unknown
              + "; pass the file that was written with this model.json");
    }
    header.tensors().forEach(tensor -> requireShape(tensor, needed.get(tensor.name()), where));
    return needed;
  }

  private static void requireShape(
      TensorEntry tensor, ParameterLayout.Parameter needed, String where) {
    if (tensor.type() == ElementType.F64 || !tensor.shape().equals(needed.shape())) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          where
              + ": tensor '"
              + tensor.name()
              + "' is "
              + tensor.type()
              + " of shape "
              + tensor.shape()
              + "; this model needs F32, BF16 or F16 of shape "
              + needed.shape());
    }
  }
}
