package dev.ancestral.job;

import dev.ancestral.tensor.Device;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/** The device that Spark's scheduler gave to a task. */
public final class TaskDevice {
  private TaskDevice() {}

  /** The GPU of the running task, or the CPU where it has none. */
  public static Device assigned() {
    TaskContext task = TaskContext.get();
    ResourceInformation gpu = task == null ? null : task.resourcesJMap().get("gpu");
    return gpu == null || gpu.addresses().length == 0
        ? new Device(Device.Kind.CPU, 0)
        : new Device(Device.Kind.CUDA, Integer.parseInt(gpu.addresses()[0].trim()));
  }
}
