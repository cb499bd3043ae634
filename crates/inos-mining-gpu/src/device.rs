//! The device: its pipelines, and dispatches over slices of nonces.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Poll, Waker};

use wgpu::util::{BufferInitDescriptor, DeviceExt};

use crate::task::{Algorithm, Search, Slice};
use crate::{SHADER, WORKGROUP};

/// What `found` holds when no nonce qualifies.
pub const NONE: u32 = u32::MAX;

/// How many workgroups fit one dimension of a dispatch on every device.
const ROW: u32 = 65_535;

/// A GPU ready to search.
pub struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
    layout: wgpu::BindGroupLayout,
    pipelines: [wgpu::ComputePipeline; 3],
    is_lost: Arc<AtomicBool>,
    name: String,
}

impl Gpu {
    /// Opens the machine's fastest adapter and compiles the shader for it.
    ///
    /// # Errors
    /// A sentence that says what is missing.
    pub async fn open() -> Result<Self, String> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        let adapter = instance
            .request_adapter(&options)
            .await
            .map_err(|error| format!("WebGPU has no adapter here: {error}"))?;
        let (device, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                required_limits: wgpu::Limits::downlevel_defaults(),
                ..Default::default()
            })
            .await
            .map_err(|error| format!("the adapter gives no device: {error}"))?;
        let is_lost = Arc::new(AtomicBool::new(false));
        device.set_device_lost_callback({
            let is_lost = Arc::clone(&is_lost);
            move |_, _| is_lost.store(true, Ordering::SeqCst)
        });
        let scope = device.push_error_scope(wgpu::ErrorFilter::Validation);
        let layout = bind_group_layout(&device);
        let pipelines = pipelines(&device, &layout);
        if let Some(error) = scope.pop().await {
            return Err(format!("the shader isn't accepted: {error}"));
        }
        let info = adapter.get_info();
        let name = info.name;
        Ok(Self {
            device,
            queue,
            layout,
            pipelines,
            is_lost,
            name,
        })
    }

    /// What the adapter calls itself; may be empty.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Submits the search of `count` nonces from `first` on. What it returns resolves to how many nonces
    /// lie before the lowest that qualifies, or [`NONE`].
    pub fn scan(
        &self,
        search: &Search,
        first: u64,
        count: u32,
    ) -> impl Future<Output = Result<u32, String>> + use<> {
        let found = self.buffer(
            &[NONE],
            wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC,
        );
        let readable = self.device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: 4,
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let mut encoder = self.device.create_command_encoder(&Default::default());
        let mut done = 0;
        for slice in search.slices(first, count) {
            self.encode(&mut encoder, search, &slice, done, &found);
            done += slice.count;
        }
        encoder.copy_buffer_to_buffer(&found, 0, &readable, 0, 4);
        self.queue.submit([encoder.finish()]);
        let mapped = map(&readable);
        let is_lost = Arc::clone(&self.is_lost);
        async move {
            mapped.await?;
            let answer = read(&readable);
            found.destroy();
            readable.destroy();
            if is_lost.load(Ordering::SeqCst) {
                return Err("the device was lost".to_owned());
            }
            answer
        }
    }

    fn encode(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        search: &Search,
        slice: &Slice,
        done: u32,
        found: &wgpu::Buffer,
    ) {
        let task = self.buffer(&search.task(slice.run), wgpu::BufferUsages::STORAGE);
        let words = [slice.low, slice.count, done, 0];
        let words = self.buffer(&words, wgpu::BufferUsages::UNIFORM);
        let group = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &self.layout,
            entries: &[entry(0, &task), entry(1, &words), entry(2, found)],
        });
        let mut pass = encoder.begin_compute_pass(&Default::default());
        pass.set_pipeline(&self.pipelines[search.algorithm as usize]);
        pass.set_bind_group(0, &group, &[]);
        let workgroups = slice.count.div_ceil(WORKGROUP);
        pass.dispatch_workgroups(workgroups.min(ROW), workgroups.div_ceil(ROW), 1);
    }

    /// A buffer of words. It is filled while mapped: `writeBuffer` of Dawn for Node can't read shared memory,
    /// should this module ever have one.
    fn buffer(&self, words: &[u32], usage: wgpu::BufferUsages) -> wgpu::Buffer {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.device.create_buffer_init(&BufferInitDescriptor {
            label: None,
            contents: &bytes,
            usage,
        })
    }
}

fn entry(binding: u32, buffer: &wgpu::Buffer) -> wgpu::BindGroupEntry<'_> {
    wgpu::BindGroupEntry {
        binding,
        resource: buffer.as_entire_binding(),
    }
}

fn bind_group_layout(device: &wgpu::Device) -> wgpu::BindGroupLayout {
    let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer {
            ty,
            has_dynamic_offset: false,
            min_binding_size: None,
        },
        count: None,
    };
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: None,
        entries: &[
            entry(0, wgpu::BufferBindingType::Storage { read_only: true }),
            entry(1, wgpu::BufferBindingType::Uniform),
            entry(2, wgpu::BufferBindingType::Storage { read_only: false }),
        ],
    })
}

fn pipelines(device: &wgpu::Device, layout: &wgpu::BindGroupLayout) -> [wgpu::ComputePipeline; 3] {
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: None,
        source: wgpu::ShaderSource::Wgsl(SHADER.into()),
    });
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: None,
        bind_group_layouts: &[Some(layout)],
        ..Default::default()
    });
    Algorithm::ALL.map(|algorithm| {
        device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: None,
            layout: Some(&layout),
            module: &module,
            entry_point: Some(algorithm.entry_point()),
            compilation_options: Default::default(),
            cache: None,
        })
    })
}

/// What is known of a mapping, and whom to tell.
#[derive(Default)]
struct Mapping {
    outcome: Option<Result<(), wgpu::BufferAsyncError>>,
    waker: Option<Waker>,
}

/// Resolves when a buffer can be read.
fn map(buffer: &wgpu::Buffer) -> impl Future<Output = Result<(), String>> + use<> {
    let mapping = Rc::new(RefCell::new(Mapping::default()));
    let told = Rc::clone(&mapping);
    buffer.map_async(wgpu::MapMode::Read, .., move |outcome| {
        let mut mapping = told.borrow_mut();
        mapping.outcome = Some(outcome);
        if let Some(waker) = mapping.waker.take() {
            waker.wake();
        }
    });
    poll_fn(move |context| {
        let mut mapping = mapping.borrow_mut();
        match mapping.outcome.take() {
            Some(outcome) => Poll::Ready(
                outcome.map_err(|_| "the device doesn't answer: it was lost".to_owned()),
            ),
            None => {
                mapping.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    })
}

fn read(buffer: &wgpu::Buffer) -> Result<u32, String> {
    let view = buffer
        .get_mapped_range(..)
        .map_err(|error| error.to_string())?;
    let bytes: [u8; 4] = view
        .as_ref()
        .try_into()
        .map_err(|_| "the device answers with another length".to_owned())?;
    Ok(u32::from_le_bytes(bytes))
}
