package dev.ancestral.data.transfer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;

/** Objects as bytes of Java's own serialization. */
public final class JavaBytes {
  private JavaBytes() {}

  /**
   * An object as bytes.
   *
   * @throws IllegalStateException if it cannot be serialized
   */
  public static byte[] of(Object value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(value);
    } catch (IOException e) {
      throw new IllegalStateException(value.getClass().getName() + " cannot be serialized", e);
    }
    return bytes.toByteArray();
  }

  /**
   * The object again.
   *
   * @throws IllegalStateException if the bytes are not those of an object
   * @throws ClassCastException if it is of another type
   */
  public static <T> T value(byte[] bytes, Class<T> type) {
    try (ObjectInputStream in = new TaskInput(new ByteArrayInputStream(bytes))) {
      return type.cast(in.readObject());
    } catch (IOException | ClassNotFoundException e) {
      throw new IllegalStateException("a " + type.getName() + " cannot be read back", e);
    }
  }

  /** Finds classes where a task does: those that were submitted beside the application. */
  private static final class TaskInput extends ObjectInputStream {
    private TaskInput(InputStream in) throws IOException {
      super(in);
    }

    @Override
    protected Class<?> resolveClass(ObjectStreamClass description)
        throws IOException, ClassNotFoundException {
      ClassLoader ofTask = Thread.currentThread().getContextClassLoader();
      if (ofTask != null) {
        try {
          return Class.forName(description.getName(), false, ofTask);
        } catch (ClassNotFoundException primitiveOrOwn) {
          // Looked for below.
        }
      }
      return super.resolveClass(description);
    }
  }
}
