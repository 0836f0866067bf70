#include <hdf5.h>
#include <string.h>

// HDF5's constants are macros with side effects, which Swift does not see: each is a function here.

static inline hid_t ch5_int8(void) { return H5T_NATIVE_INT8; }
static inline hid_t ch5_int16(void) { return H5T_NATIVE_INT16; }
static inline hid_t ch5_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t ch5_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t ch5_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t ch5_uint16(void) { return H5T_NATIVE_UINT16; }
static inline hid_t ch5_uint32(void) { return H5T_NATIVE_UINT32; }
static inline hid_t ch5_uint64(void) { return H5T_NATIVE_UINT64; }
static inline hid_t ch5_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t ch5_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t ch5_string(void) { return H5T_C_S1; }
static inline hid_t ch5_reference(void) { return H5T_STD_REF_OBJ; }
static inline size_t ch5_variable(void) { return H5T_VARIABLE; }

static inline hid_t ch5_link_access(void) { return H5P_LINK_ACCESS; }
static inline hid_t ch5_link_creation(void) { return H5P_LINK_CREATE; }
static inline hid_t ch5_dataset_creation(void) { return H5P_DATASET_CREATE; }
static inline hid_t ch5_transfer(void) { return H5P_DATASET_XFER; }
static inline hid_t ch5_default(void) { return H5P_DEFAULT; }
static inline hid_t ch5_all(void) { return H5S_ALL; }
static inline hsize_t ch5_unlimited(void) { return H5S_UNLIMITED; }
static inline unsigned ch5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned ch5_truncate(void) { return H5F_ACC_TRUNC; }

// A type of half precision (IEEE 754 binary16, little-endian), which HDF5 1.10 lacks; the caller closes it.
static inline hid_t ch5_half(void) {
  hid_t type = H5Tcopy(H5T_IEEE_F32LE);
  if (type < 0) return type;
  if (H5Tset_fields(type, 15, 10, 5, 0, 10) < 0 || H5Tset_size(type, 2) < 0 || H5Tset_ebias(type, 15) < 0) {
    H5Tclose(type);
    return -1;
  }
  return type;
}

// Ends the library's own printing of errors.
static inline void ch5_be_silent(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

struct ch5_text {
  char bytes[256];
};

static inline herr_t ch5_keep_description(unsigned n, const H5E_error2_t *error, void *text) {
  (void)n;
  if (error->desc) {
    strncpy(((struct ch5_text *)text)->bytes, error->desc, 255);
    ((struct ch5_text *)text)->bytes[255] = 0;
  }
  return 0;
}

// The innermost entry of the error stack, which says best what went wrong; empties the stack.
static inline struct ch5_text ch5_last_error(void) {
  struct ch5_text text = {{0}};
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, ch5_keep_description, &text);
  H5Eclear2(H5E_DEFAULT);
  return text;
}

// Called by the library where a conversion would change a number: aborts, unless only digits beyond the precision
// are lost or infinity and NaN go from one kind of float to another (`lenient`).
static inline H5T_conv_ret_t ch5_refuse_loss(
    H5T_conv_except_t kind, hid_t from, hid_t to, void *source, void *target, void *lenient) {
  (void)from; (void)to; (void)source; (void)target;
  if (kind == H5T_CONV_EXCEPT_PRECISION) return H5T_CONV_UNHANDLED;
  if (lenient && kind != H5T_CONV_EXCEPT_RANGE_HI && kind != H5T_CONV_EXCEPT_RANGE_LOW)
    return H5T_CONV_UNHANDLED;
  return H5T_CONV_ABORT;
}

static inline herr_t ch5_set_exact_conversion(hid_t transfer, int to_float) {
  static char lenient;
  return H5Pset_type_conv_cb(transfer, ch5_refuse_loss, to_float ? &lenient : NULL);
}

static inline herr_t ch5_refuse_traversal(
    const char *parent_file, const char *parent_group, const char *file, const char *object, unsigned *flags,
    hid_t access, void *data) {
  (void)parent_file; (void)parent_group; (void)file; (void)object; (void)flags; (void)access; (void)data;
  return -1;
}

// Links that lead into other files are not followed.
static inline herr_t ch5_stay_in_file(hid_t link_access) {
  return H5Pset_elink_cb(link_access, ch5_refuse_traversal, NULL);
}
