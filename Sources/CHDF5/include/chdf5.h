#pragma once
// HDF5, loaded when the first file is opened: programs that open none start without it and the forty libraries behind it.
#if __has_include(<hdf5.h>)
#include <hdf5.h>
#else
#include "/usr/include/hdf5/serial/hdf5.h"
#endif

// The functions that are called, each found by its name and called by the signature of its declaration.
#define CH5_FUNCTIONS(each) \
  each(H5get_libversion) each(H5open) each(H5free_memory) \
  each(H5Acreate2) each(H5Aexists) each(H5Aget_name_by_idx) each(H5Aget_num_attrs) each(H5Aget_space) \
  each(H5Aget_type) each(H5Aopen) each(H5Aread) each(H5Awrite) \
  each(H5Dcreate2) each(H5Dget_chunk_info) each(H5Dget_create_plist) each(H5Dget_num_chunks) each(H5Dget_offset) \
  each(H5Dget_space) each(H5Dget_type) each(H5Dread) each(H5Dvlen_reclaim) each(H5Dwrite) \
  each(H5Eclear2) each(H5Eset_auto2) each(H5Ewalk2) \
  each(H5Fcreate) each(H5Fflush) each(H5Fget_create_plist) each(H5Fopen) \
  each(H5Gcreate2) each(H5Gget_info) each(H5Gopen2) each(H5Idec_ref) each(H5Iget_type) \
  each(H5Lcreate_soft) each(H5Lexists) each(H5Lget_name_by_idx) each(H5Oopen) \
  each(H5Pcreate) each(H5Pget_chunk) each(H5Pget_external_count) each(H5Pget_layout) each(H5Pget_nfilters) \
  each(H5Pget_sizes) each(H5Pget_userblock) each(H5Pset_chunk) each(H5Pset_create_intermediate_group) \
  each(H5Pset_deflate) each(H5Pset_elink_cb) each(H5Pset_shuffle) each(H5Pset_type_conv_cb) \
  each(H5Rcreate) each(H5Rget_name) \
  each(H5Screate_simple) each(H5Sget_simple_extent_dims) each(H5Sget_simple_extent_ndims) \
  each(H5Sget_simple_extent_type) each(H5Sselect_hyperslab) \
  each(H5Tclose) each(H5Tcopy) each(H5Tcreate) each(H5Tequal) each(H5Tget_class) each(H5Tget_fields) \
  each(H5Tget_member_index) each(H5Tget_member_name) each(H5Tget_member_offset) each(H5Tget_member_type) \
  each(H5Tget_nmembers) each(H5Tget_offset) each(H5Tget_precision) each(H5Tget_sign) each(H5Tget_size) \
  each(H5Tget_super) each(H5Tinsert) each(H5Tis_variable_str) each(H5Tset_cset) each(H5Tset_ebias) \
  each(H5Tset_fields) each(H5Tset_size) each(H5Tset_strpad) each(H5Tvlen_create)

// The identifiers that are used, by HDF5's variable: types of numbers and texts, classes of property lists.
#define CH5_IDENTIFIERS(each) \
  each(int8, H5T_NATIVE_INT8_g) each(int16, H5T_NATIVE_INT16_g) each(int32, H5T_NATIVE_INT32_g) \
  each(int64, H5T_NATIVE_INT64_g) each(uint8, H5T_NATIVE_UINT8_g) each(uint16, H5T_NATIVE_UINT16_g) \
  each(uint32, H5T_NATIVE_UINT32_g) each(uint64, H5T_NATIVE_UINT64_g) each(binary32, H5T_NATIVE_FLOAT_g) \
  each(binary64, H5T_NATIVE_DOUBLE_g) each(string, H5T_C_S1_g) each(reference, H5T_STD_REF_OBJ_g) \
  each(littleEndianBinary32, H5T_IEEE_F32LE_g) \
  each(linkAccess, H5P_CLS_LINK_ACCESS_ID_g) each(linkCreation, H5P_CLS_LINK_CREATE_ID_g) \
  each(datasetCreation, H5P_CLS_DATASET_CREATE_ID_g) each(transfer, H5P_CLS_DATASET_XFER_ID_g)

struct ch5_library {
#define CH5_FUNCTION(name) __typeof__(name) *name;
#define CH5_IDENTIFIER(name, variable) hid_t name;
  CH5_FUNCTIONS(CH5_FUNCTION)
  CH5_IDENTIFIERS(CH5_IDENTIFIER)
#undef CH5_FUNCTION
#undef CH5_IDENTIFIER
};

// Loads and opens the library; null where that fails, with what went wrong in `problem`. To be called once.
const struct ch5_library *ch5_load(char *problem, size_t length);

// HDF5's constants that are macros Swift does not see.
static inline size_t ch5_variable(void) { return H5T_VARIABLE; }
static inline hid_t ch5_default(void) { return H5P_DEFAULT; }
static inline hid_t ch5_all(void) { return H5S_ALL; }
// H5F_ACC_RDONLY and H5F_ACC_TRUNC, whose macros also call the library.
static inline unsigned ch5_read_only(void) { return 0x0000u; }
static inline unsigned ch5_truncate(void) { return 0x0002u; }

// A type of half precision (IEEE 754 binary16, little-endian), which HDF5 1.10 lacks; the caller closes it.
hid_t ch5_half(void);

// Ends the library's own printing of errors.
void ch5_be_silent(void);

struct ch5_text {
  char bytes[256];
};
// The innermost entry of the error stack, which says best what went wrong; empties the stack.
struct ch5_text ch5_last_error(void);

// Conversions fail where a number would change, unless only digits beyond the precision are lost or (`to_float`) infinity
// and NaN go from one kind of float to another.
herr_t ch5_set_exact_conversion(hid_t transfer, int to_float);

// Links that lead into other files are not followed.
herr_t ch5_stay_in_file(hid_t link_access);
