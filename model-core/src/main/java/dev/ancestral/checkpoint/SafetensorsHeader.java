package dev.ancestral.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The front of a safetensors file: the length of the header (8 bytes, little-endian), the header in
 * JSON, and by it the tensors in the order of their bytes.
 *
 * <p>A header that was read describes tensors that follow each other without gap or overlap from
 * the first byte of the data on, and whose shapes account for their bytes.
 *
 * @param tensors in the order of their offsets
 * @param metadata texts by name
 */
record SafetensorsHeader(List<TensorEntry> tensors, Map<String, String> metadata) {

  /**
   * One tensor.
   *
   * @param shape sizes of the axes; none for a scalar
   * @param begin offset of its first byte in the data
   */
  record TensorEntry(String name, ElementType type, List<Long> shape, long begin) {
    TensorEntry {
      shape = List.copyOf(shape);
    }

    long elements() {
      return shape.stream().reduce(1L, Math::multiplyExact);
    }

    long end() {
      return Math.addExact(begin, Math.multiplyExact(elements(), type.bytes));
    }
  }

  /** The element types that are read; F32 and F64 are written. */
  enum ElementType {
    F32(4) {
      @Override
      void widen(ByteBuffer from, float[] into, int n) {
        from.asFloatBuffer().get(into, 0, n);
      }
    },
    F64(8) {
      @Override
      void widen(ByteBuffer from, float[] into, int n) {
        throw new IllegalArgumentException("F64 does not fit float32");
      }
    },
    /** The upper half of a float32. */
    BF16(2) {
      @Override
      void widen(ByteBuffer from, float[] into, int n) {
        for (int i = 0; i < n; i++) {
          into[i] = Float.intBitsToFloat(from.getShort(2 * i) << 16);
        }
      }
    },
    /** IEEE 754 binary16: a sign, 5 bits of exponent, 10 bits of fraction. */
    F16(2) {
      @Override
      void widen(ByteBuffer from, float[] into, int n) {
        for (int i = 0; i < n; i++) {
          into[i] = halfToFloat(from.getShort(2 * i));
        }
      }
    };

    private static final int HALF_FRACTION = 0x3ff;
    private static final int HALF_EXPONENT = 0x1f;
    private static final int FLOAT_EXPONENT = 0xff;

    final int bytes;

    ElementType(int bytes) {
      this.bytes = bytes;
    }

    /**
     * The same numbers in float32, without rounding; not of F64, whose numbers it cannot hold.
     *
     * @param from the elements, in the buffer's byte order
     * @param n how many
     */
    abstract void widen(ByteBuffer from, float[] into, int n);

    private static float halfToFloat(int bits) {
      int sign = (bits & 0x8000) << 16;
      int exponent = bits >> 10 & HALF_EXPONENT;
      int fraction = bits & HALF_FRACTION;
      if (exponent == 0) {
        // Zero or subnormal: fraction · 2^-24, which a float32 holds as a normal number.
        return Float.intBitsToFloat(sign | Float.floatToRawIntBits(fraction * 0x1p-24f));
      }
      // The biases are 15 and 127; infinities and NaN keep an exponent of ones.
      int wide = exponent == HALF_EXPONENT ? FLOAT_EXPONENT : exponent + 127 - 15;
      return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
    }
  }

  // Room for a hundred thousand tensors; a damaged length must not become an allocation.
  private static final int LONGEST = 16 << 20;
  private static final int ALIGNMENT = 8;
  private static final String METADATA = "__metadata__";

  SafetensorsHeader {
    tensors = List.copyOf(tensors);
  }

  /** Length word and header, padded with spaces so that the data are aligned to 8 bytes. */
  void write(OutputStream out) throws IOException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (!metadata.isEmpty()) {
      ObjectNode texts = json.putObject(METADATA);
      metadata.forEach(texts::put);
    }
    for (TensorEntry tensor : tensors) {
      if (tensor.name().equals(METADATA)) {
        throw new IllegalArgumentException("a tensor is named " + METADATA + ", a reserved name");
      }
      ObjectNode entry = json.putObject(tensor.name());
      entry.put("dtype", tensor.type().name());
      ArrayNode shape = entry.putArray("shape");
      tensor.shape().forEach(n -> shape.add((long) n));
      entry.putArray("data_offsets").add(tensor.begin()).add(tensor.end());
    }
    byte[] header = json.toString().getBytes(StandardCharsets.UTF_8);
    if (header.length > LONGEST) {
      throw new IllegalArgumentException(
          "the header takes " + header.length + " bytes; it may take " + LONGEST);
    }
    byte[] padded = Arrays.copyOf(header, (header.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    Arrays.fill(padded, header.length, padded.length, (byte) ' ');
    out.write(
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(padded.length)
            .array());
    out.write(padded);
  }

  /**
   * Reads and checks length word and header, leaving the stream at the first byte of the data.
   *
   * @throws AncestralException (DATA) if they are damaged; (MISMATCH) if a tensor has a type not of
   *     ours
   */
  static SafetensorsHeader read(InputStream in, String where) throws IOException {
    return read(in, OptionalLong.empty(), where);
  }

  /**
   * As {@link #read(InputStream, String)}, and checks that the file ends where its tensors do.
   *
   * @param fileBytes length of the file, if it is known
   */
  static SafetensorsHeader read(InputStream in, OptionalLong fileBytes, String where)
      throws IOException {
    byte[] word = in.readNBytes(Long.BYTES);
    if (word.length < Long.BYTES) {
      throw damaged(where, "it has " + word.length + " bytes; a safetensors file has at least 10");
    }
    long length = ByteBuffer.wrap(word).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > LONGEST) {
      throw damaged(where, "its header claims " + length + " bytes; 2 to " + LONGEST + " may be");
    }
    byte[] header = in.readNBytes((int) length);
    if (header.length < length) {
      throw damaged(
          where, "its header claims " + length + " bytes and ends after " + header.length);
    }
    SafetensorsHeader read = parse(header, where);
    if (fileBytes.isPresent()) {
      read.requireLength(fileBytes.getAsLong() - Long.BYTES - length, where);
    }
    return read;
  }

  private void requireLength(long dataBytes, String where) {
    for (TensorEntry tensor : tensors) {
      if (tensor.end() > dataBytes) {
        throw ended(tensor, dataBytes - tensor.begin(), where);
      }
    }
    long end = tensors.isEmpty() ? 0 : tensors.get(tensors.size() - 1).end();
    if (dataBytes > end) {
      throw damaged(where, "it goes on after its last tensor");
    }
  }

  /** The file ends after so many bytes of a tensor. */
  static AncestralException ended(TensorEntry tensor, long bytes, String where) {
    return damaged(
        where,
        "it ends in tensor '"
            + tensor.name()
            + "' after "
            + bytes
            + " of "
            + (tensor.end() - tensor.begin())
            + " bytes");
  }

  private static SafetensorsHeader parse(byte[] header, String where) {
    JsonNode json = JsonFields.document(header, where + " (header)");
    if (!json.isObject()) {
      throw damaged(where, "its header is no JSON object");
    }
    List<TensorEntry> tensors = new ArrayList<>();
    Map<String, String> metadata = Map.of();
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      if (field.getKey().equals(METADATA)) {
        metadata = metadata(field.getValue(), where);
      } else {
        tensors.add(tensor(field.getKey(), field.getValue(), where));
      }
    }
    tensors.sort(Comparator.comparingLong(TensorEntry::begin).thenComparingLong(TensorEntry::end));
    long end = 0;
    for (TensorEntry tensor : tensors) {
      if (tensor.begin() != end) {
        throw damaged(
            where,
            "tensor '"
                + tensor.name()
                + "' begins at byte "
                + tensor.begin()
                + " of the data but the one before ends at "
                + end);
      }
      end = tensor.end();
    }
    return new SafetensorsHeader(tensors, metadata);
  }

  private static TensorEntry tensor(String name, JsonNode entry, String where) {
    JsonNode dtype = entry.path("dtype");
    if (!dtype.isTextual()) {
      throw damaged(where, "tensor '" + name + "' has no dtype");
    }
    ElementType type =
        Arrays.stream(ElementType.values())
            .filter(t -> t.name().equals(dtype.textValue()))
            .findFirst()
            .orElseThrow(
                () ->
                    new AncestralException(
                        ErrorCode.MISMATCH,
                        where
                            + ": tensor '"
                            + name
                            + "' has dtype "
                            + dtype
                            + "; it must be F32, F64, BF16 or F16"));
    List<Long> shape = wholeNumbers(entry.path("shape"), name, "shape", where);
    List<Long> offsets = wholeNumbers(entry.path("data_offsets"), name, "data_offsets", where);
    try {
      TensorEntry tensor =
          new TensorEntry(name, type, shape, offsets.isEmpty() ? 0 : offsets.get(0));
      if (offsets.size() == 2 && offsets.get(1) == tensor.end()) {
        return tensor;
      }
    } catch (ArithmeticException e) {
      throw damaged(
          where, "tensor '" + name + "' has shape " + shape + ", more than a file can hold");
    }
    throw damaged(
        where,
        "tensor '"
            + name
            + "' has data_offsets "
            + offsets
            + ", which is not what its shape "
            + shape
            + " of "
            + type
            + " takes");
  }

  private static List<Long> wholeNumbers(JsonNode list, String name, String field, String where) {
    List<Long> numbers = new ArrayList<>();
    for (JsonNode n : list) {
      if (!n.isIntegralNumber() || !n.canConvertToLong() || n.longValue() < 0) {
        numbers = null;
        break;
      }
      numbers.add(n.longValue());
    }
    if (!list.isArray() || numbers == null) {
      throw damaged(
          where, "tensor '" + name + "' has " + field + " " + list + "; it must be whole numbers");
    }
    return numbers;
  }

  private static Map<String, String> metadata(JsonNode json, String where) {
    Map<String, String> metadata = new LinkedHashMap<>();
    json.properties()
        .forEach(
            field -> {
              if (!field.getValue().isTextual()) {
                throw damaged(where, "its metadata '" + field.getKey() + "' is no text");
              }
              metadata.put(field.getKey(), field.getValue().textValue());
            });
    return metadata;
  }

  static AncestralException damaged(String where, String what) {
    return new AncestralException(
        ErrorCode.DATA, where + ": " + what + "; the file is damaged: restore it or make it again");
  }
}
