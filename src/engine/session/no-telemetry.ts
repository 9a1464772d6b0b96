// onnxruntime's Linux build reports usage to its maker's servers unless this is set when it is loaded: imported before it.
process.env.ORT_DISABLE_TELEMETRY = '1'
