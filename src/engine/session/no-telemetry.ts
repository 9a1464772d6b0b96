// onnxruntime's Linux build reports to Microsoft's collectors unless it is told not to before it is loaded: import this
// file before it. Nothing leaves the machine.
process.env.ORT_DISABLE_TELEMETRY = '1'
