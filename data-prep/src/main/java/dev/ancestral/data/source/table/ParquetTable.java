package dev.ancestral.data.source.table;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.BoundedParquet;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputBytes;
import dev.ancestral.data.source.InputFile;
import dev.ancestral.data.source.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * Rows of Parquet files: columns of numbers and of booleans, and lists of them. Each file is read
 * by its own schema, so that files may differ in the types of their numbers and the order of their
 * columns; a part is a row group.
 */
record ParquetTable() implements TableFile {
  static final byte[] MAGIC = "PAR1".getBytes(US_ASCII);

  @Override
  public List<Column> columns(Storage storage, InputFile file) {
    return reading(
        file,
        () -> {
          try (BoundedParquet parquet = BoundedParquet.open(new StoredFile(storage, file))) {
            MessageType schema = parquet.reader().getFileMetaData().getSchema();
            return schema.getFields().stream()
                .map(
                    field ->
                        new Column(
                            field.getName(),
                            ParquetColumn.type(field),
                            ParquetColumn.isNumeric(field)))
                .toList();
          }
        });
  }

  @Override
  public List<Part> parts(Storage storage, InputFile file, long bytes) {
    int groups =
        reading(
            file,
            () -> {
              try (BoundedParquet parquet = BoundedParquet.open(new StoredFile(storage, file))) {
                return parquet.reader().getRowGroups().size();
              }
            });
    List<Part> parts = new ArrayList<>();
    for (int group = 0; group < groups; group++) {
      parts.add(new Part(file, group, group + 1L));
    }
    return parts;
  }

  @Override
  public Rows open(Storage storage, Part part, TableColumns columns) {
    return reading(part.file(), () -> new RowGroup(storage, part, columns));
  }

  /** Reads from a file that is not trusted: Parquet throws exceptions of all kinds at it. */
  private static <T> T reading(InputFile file, Reading<T> work) {
    try {
      return work.read();
    } catch (AncestralException refusal) {
      throw refusal;
    } catch (StoredFile.StoreException lost) {
      throw InputBytes.refusal(file.path(), lost.getCause());
    } catch (IOException | RuntimeException | StackOverflowError e) {
      throw new AncestralException(
          ErrorCode.DATA,
          file
              + " cannot be read as Parquet: "
              + why(e)
              + "; get a whole copy of it, or write it"
              + " again",
          e);
    }
  }

  private static String why(Throwable e) {
    String message = String.valueOf(e.getMessage());
    return message.equals("null") ? e.getClass().getSimpleName() : message;
  }

  /** Work that reads from a file. */
  @FunctionalInterface
  private interface Reading<T> {
    T read() throws IOException;
  }

  /** The rows of one row group. */
  private static final class RowGroup implements Rows {
    private final InputFile file;
    private final TableColumns columns;
    private final BoundedParquet parquet;
    private final List<ParquetColumn> elements = new ArrayList<>();
    private final ParquetColumn label;
    private long left;

    RowGroup(Storage storage, Part part, TableColumns columns) throws IOException {
      file = part.file();
      this.columns = columns;
      parquet = BoundedParquet.open(new StoredFile(storage, file));
      try {
        ParquetFileReader reader = parquet.reader();
        MessageType schema = reader.getFileMetaData().getSchema();
        List<Type> wanted = wanted(schema);
        MessageType projection = new MessageType(schema.getName(), wanted);
        reader.setRequestedSchema(projection);
        for (long group = 0; group < part.from(); group++) {
          reader.skipNextRowGroup();
        }
        refuseUnreadable(reader.getRowGroups().get(Math.toIntExact(part.from())), projection);
        PageReadStore pages = parquet.next();
        left = pages == null ? 0 : pages.getRowCount();
        ColumnReadStoreImpl store = left == 0 ? null : parquet.columns(pages, projection);
        for (int c = 0; store != null && c < columns.names().size(); c++) {
          elements.add(ParquetColumn.of(wanted.get(c), projection, store));
        }
        label =
            store == null || columns.label().isEmpty()
                ? null
                : ParquetColumn.of(wanted.get(columns.labelIndex()), projection, store);
      } catch (IOException | RuntimeException e) {
        parquet.close();
        throw e;
      }
    }

    private List<Type> wanted(MessageType schema) {
      List<String> present = schema.getFields().stream().map(Type::getName).toList();
      List<Type> wanted = new ArrayList<>();
      for (int index : TableFile.indices(file, present, columns.needed())) {
        Type type = schema.getFields().get(index);
        if (!ParquetColumn.isNumeric(type)) {
          throw new AncestralException(
              ErrorCode.DATA,
              file
                  + ": column '"
                  + type.getName()
                  + "' is of type "
                  + ParquetColumn.type(type)
                  + "; elements are numbers or lists of numbers");
        }
        wanted.add(type);
      }
      return wanted;
    }

    /** What the reader at hand cannot decode, by name, before it fails somewhere within. */
    private void refuseUnreadable(BlockMetaData group, MessageType projection) {
      List<ColumnPath> paths = projection.getPaths().stream().map(ColumnPath::get).toList();
      for (ColumnChunkMetaData chunk : group.getColumns()) {
        if (paths.contains(chunk.getPath()) && !ParquetColumn.isDecodable(chunk)) {
          throw new AncestralException(
              ErrorCode.DATA,
              file
                  + ": column '"
                  + chunk.getPath().toDotString()
                  + "' of type "
                  + chunk.getPrimitiveType().getPrimitiveTypeName()
                  + " is encoded as "
                  + chunk.getEncodings()
                  + ", which this reader does not know for that type; write the file again with"
                  + " plain or dictionary encoding");
        }
      }
    }

    @Override
    public boolean next(TableRow into) throws TableColumns.WrongRow {
      if (left == 0) {
        return false;
      }
      left--;
      try {
        into.clear();
        for (int c = 0; c < elements.size(); c++) {
          elements.get(c).addTo(into, columns);
          into.endColumn(c);
        }
        if (label != null) {
          into.label(label.label(columns));
        }
        return true;
      } catch (RuntimeException damaged) {
        return reading(
            file,
            () -> {
              throw damaged;
            });
      }
    }

    @Override
    public void close() throws IOException {
      parquet.close();
    }
  }
}
