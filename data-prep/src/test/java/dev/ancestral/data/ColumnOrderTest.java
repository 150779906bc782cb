package dev.ancestral.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.model.EventSpec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ColumnOrderTest {
  private static EventSpec columns(Object... namesAndElements) {
    List<EventSpec.Column> columns = new ArrayList<>();
    int size = 0;
    for (int i = 0; i < namesAndElements.length; i += 2) {
      int elements = (int) namesAndElements[i + 1];
      columns.add(new EventSpec.Column((String) namesAndElements[i], elements));
      size += elements;
    }
    return EventSpec.continuous(size).withColumns(columns);
  }

  @Test
  void elements_follow_the_names_of_their_columns() {
    EventSpec stored = columns("amount", 1, "vector", 2, "age", 1);
    EventSpec model = columns("vector", 2, "age", 1, "amount", 1);
    ColumnOrder order = ColumnOrder.of(stored, model);
    assertEquals(model, order.event(stored));
    byte[] bytes = {1, 2, 3, 4, 11, 12, 13, 14};
    assertArrayEquals(new byte[] {2, 3, 4, 1, 12, 13, 14, 11}, order.apply(bytes, 1));
    byte[] wide = {1, 1, 2, 2, 3, 3, 4, 4};
    assertArrayEquals(new byte[] {2, 2, 3, 3, 4, 4, 1, 1}, order.apply(wide, 2));
  }

  @Test
  void what_names_no_columns_or_others_stays_as_it_is() {
    EventSpec stored = columns("a", 1, "b", 1);
    byte[] bytes = {1, 2};
    for (EventSpec other :
        List.of(
            EventSpec.continuous(2), stored, columns("a", 1, "c", 1), columns("b", 2, "a", 1))) {
      ColumnOrder order = ColumnOrder.of(stored, other);
      assertTrue(order.isAsStored());
      assertSame(bytes, order.apply(bytes, 1));
      assertEquals(stored, order.event(stored));
    }
  }
}
