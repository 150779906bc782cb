package dev.ancestral.spark;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.tensor.Device;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/**
 * The device that Spark's scheduler gave to a task. It is bound by its index: no environment
 * variable such as {@code CUDA_VISIBLE_DEVICES} is read or set, so tasks of one process may have
 * different devices.
 */
public final class TaskDevice {
  private TaskDevice() {}

  /**
   * The GPU of the running task, or the CPU where it has none.
   *
   * @throws AncestralException (CLUSTER) if the address of the GPU is no index
   */
  public static Device assigned() {
    TaskContext task = TaskContext.get();
    ResourceInformation gpu = task == null ? null : task.resourcesJMap().get("gpu");
    if (gpu == null || gpu.addresses().length == 0) {
      return Device.cpu();
    }
    String address = gpu.addresses()[0].trim();
    if (!address.matches("[0-9]{1,4}")) {
      throw new AncestralException(
          ErrorCode.CLUSTER,
          "the address of the GPU that Spark assigned is '"
              + address
              + "'; it must be the index that nvidia-smi lists: use gpu/discover-gpus.sh as the"
              + " discovery script");
    }
    return Device.cuda(Integer.parseInt(address));
  }
}
