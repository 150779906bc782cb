package dev.ancestral.optimize;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ancestral.config.Settings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ScheduleTest {

  @Test
  void warm_up_rises_linearly() {
    for (Schedule schedule :
        List.of(
            new Schedule.Constant(4), new Schedule.Cosine(4, 0), new Schedule.Step(4, 10, 0.5))) {
      assertEquals(0.25, schedule.factor(1, 100));
      assertEquals(0.75, schedule.factor(3, 100));
      assertEquals(1, schedule.factor(4, 100));
      assertEquals(1, schedule.factor(5, 100));
    }
  }

  @Test
  void constant_stays() {
    assertEquals(1, new Schedule.Constant(0).factor(1, 10));
    assertEquals(1, new Schedule.Constant(0).factor(10, 10));
  }

  @Test
  void cosine_falls_to_its_last_value() {
    Schedule schedule = new Schedule.Cosine(0, 0.1);
    assertEquals(1, schedule.factor(1, 100));
    assertEquals(0.55, schedule.factor(51, 100), 1e-12);
    assertEquals(0.1, schedule.factor(101, 100), 1e-12);
    assertEquals(0.1, schedule.factor(500, 100), 1e-12);
  }

  @Test
  void step_falls_at_intervals() {
    Schedule schedule = new Schedule.Step(0, 10, 0.5);
    assertEquals(1, schedule.factor(10, 100));
    assertEquals(0.5, schedule.factor(11, 100));
    assertEquals(0.5, schedule.factor(20, 100));
    assertEquals(0.25, schedule.factor(21, 100));
  }

  @Test
  void settings_of_the_spec() {
    assertEquals(new Schedule.Constant(0), read(Map.of(), 0));
    assertEquals(
        new Schedule.Cosine(7, 0.2),
        read(Map.of("name", "cosine", "warmupSteps", 7, "last", 0.2), 0));
    assertEquals(new Schedule.Step(0, 5, 0.1), read(Map.of("name", "step", "every", 5), 0));
    read(Map.of("name", "step"), 1); // how often is missing
    read(Map.of("name", "linear", "warmupSteps", -1, "every", 3), 3);
  }

  private static Schedule read(Map<String, Object> values, int problems) {
    Settings settings = Settings.of(values);
    Schedule schedule = Schedule.read(settings);
    assertEquals(problems, settings.problems().size(), () -> settings.problems().toString());
    return schedule;
  }
}
